import com.sun.mail.smtp.SMTPTransport;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.mail.Authenticator;
import javax.mail.Message;
import javax.mail.MessagingException;
import javax.mail.PasswordAuthentication;
import javax.mail.Session;
import javax.mail.Transport;
import javax.mail.internet.InternetAddress;
import javax.mail.internet.MimeMessage;

/**
 * Does what the email adapter does as far as MAIL FROM, once a line of standard input; with a property "recipient" it sends a message.
 *
 * A line is: number, seconds, token, then names and values in turn; all but the first two in Base64, a tab between two.
 * The answer is: number, "connected", "failed" or "hung", milliseconds, the exceptions in Base64.
 */
public final class MailClient {
    private static final PrintStream OUT = System.out;

    public static void main(String[] arguments) throws Exception {
        ExecutorService pool = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        });
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String request = line;
            pool.submit(() -> answer(request, pool));
        }
    }

    private static void answer(String request, ExecutorService pool) {
        String[] fields = request.split("\t", -1);
        Properties properties = new Properties();
        for (int at = 3; at + 1 < fields.length; at += 2) {
            properties.setProperty(decoded(fields[at]), decoded(fields[at + 1]));
        }
        long started = System.nanoTime();
        CompletableFuture<String> outcome = CompletableFuture.supplyAsync(() -> connect(properties, decoded(fields[2])), pool);
        String said;
        try {
            said = outcome.get((long) (Double.parseDouble(fields[1]) * 1000), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            said = "hung\t";
        } catch (Exception broken) {
            said = "failed\t" + encoded("harness: " + broken);
        }
        String[] parts = said.split("\t", -1);
        synchronized (OUT) {
            OUT.println(fields[0] + "\t" + parts[0] + "\t" + (System.nanoTime() - started) / 1000000 + "\t" + parts[1]);
            OUT.flush();
        }
    }

    private static String connect(Properties properties, String token) {
        String user = properties.getProperty("mail.smtp.user", "");
        String password = properties.getProperty("mail.smtp.password", "");
        String recipient = (String) properties.remove("recipient");
        try {
            String from = properties.getProperty("mail.smtp.from");
            if (from != null) {
                new InternetAddress(from);
            }
            String replyTo = properties.getProperty("mail.smtp.replyTo");
            if (replyTo != null) {
                InternetAddress.parse(replyTo);
            }
            if ("CLIENT_CREDENTIAL".equalsIgnoreCase(properties.getProperty("mail.smtp.authType"))) {
                user = from;
                password = token;
                properties.setProperty("mail.smtp.auth.mechanisms", "XOAUTH2");
                properties.setProperty("mail.smtp.ssl.trust", properties.getProperty("mail.smtp.host"));
            }
            Session session = user.isEmpty() || password.isEmpty()
                ? Session.getInstance(properties)
                : Session.getInstance(properties, authenticator(user, password));
            Transport transport = session.getTransport(new InternetAddress("someone@example.com"));
            transport.connect();
            if (recipient != null) {
                send(session, transport, from, recipient);
            } else if (from != null && !from.isEmpty()) {
                sender((SMTPTransport) transport, from);
            }
            transport.close();
            return "connected\t";
        } catch (Throwable error) {
            StringBuilder text = new StringBuilder();
            for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                text.append(cause).append('\n');
            }
            return "failed\t" + encoded(text.toString());
        }
    }

    private static void send(Session session, Transport transport, String from, String recipient) throws MessagingException {
        MimeMessage message = new MimeMessage(session);
        message.setFrom(new InternetAddress(from));
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(recipient));
        message.setSubject("test");
        message.setText("test");
        message.saveChanges();
        transport.sendMessage(message, message.getAllRecipients());
    }

    /** What Transport.send says next; SMTPTransport.mailFrom is not public. */
    private static void sender(SMTPTransport transport, String from) throws MessagingException {
        boolean bare = !from.startsWith("<") && !from.endsWith(">");
        transport.issueCommand("MAIL FROM:" + (bare ? "<" + from + ">" : from), 250);
    }

    private static Authenticator authenticator(String user, String password) {
        return new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication(user, password);
            }
        };
    }

    private static String decoded(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
