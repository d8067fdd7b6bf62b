import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.mail.Authenticator;
import javax.mail.Message;
import javax.mail.PasswordAuthentication;
import javax.mail.Session;
import javax.mail.Transport;
import javax.mail.internet.InternetAddress;
import javax.mail.internet.MimeMessage;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Which properties JavaMail asks its Session for, and what it says on the wire, when a mail is sent as the adapter sends it.
 *
 * Arguments: a PKCS12 file with a server's key (password "changeit"), then for each mail one argument: capabilities joined by commas, a
 * bar, then NAME=VALUE pairs joined by newlines; a name with "!" in front is taken away. One JSON-free line per mail on standard output:
 * outcome TAB what the client said, joined by " / " TAB names that were asked for, joined by blanks.
 */
public final class MailProperties {
    private static final PrintStream OUT = System.out;

    public static void main(String[] arguments) throws Exception {
        System.setOut(System.err);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(Paths.get(arguments[0]))) {
            store.load(file, "changeit".toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        for (int at = 1; at < arguments.length; at++) {
            OUT.println(one(arguments[at], context));
            OUT.flush();
        }
        System.exit(0);
    }

    private static String one(String request, SSLContext context) throws Exception {
        int bar = request.indexOf('|');
        String[] capabilities = request.substring(0, bar).isEmpty() ? new String[0] : request.substring(0, bar).split(",");
        try (Relay relay = new Relay(capabilities, context)) {
            Asked properties = new Asked();
            properties.setProperty("mail.smtp.host", "127.0.0.1");
            properties.setProperty("mail.smtp.port", Integer.toString(relay.port()));
            properties.setProperty("mail.smtp.from", "from@example.com");
            properties.setProperty("mail.smtp.auth", "true");
            properties.setProperty("mail.smtp.localhost", "client.example.com");
            for (String pair : request.substring(bar + 1).split("\n")) {
                int equals = pair.indexOf('=');
                if (pair.startsWith("!")) {
                    properties.remove(pair.substring(1));
                } else if (equals > 0) {
                    properties.setProperty(pair.substring(0, equals), pair.substring(equals + 1).replace("{port}", Integer.toString(relay.port())));
                }
            }
            CompletableFuture<String> outcome = CompletableFuture.supplyAsync(() -> send(properties));
            String said;
            try {
                said = outcome.get(3, TimeUnit.SECONDS);
            } catch (TimeoutException late) {
                said = "hung";
            }
            return said.replaceAll("[\\t\\n\\r]+", " ") + "\t" + String.join(" / ", relay.heard()) + "\t" + String.join(" ", properties.asked);
        }
    }

    private static String send(Asked properties) {
        try {
            Session session = Session.getInstance(properties, new Authenticator() {
                @Override
                protected PasswordAuthentication getPasswordAuthentication() {
                    return new PasswordAuthentication("user", "password");
                }
            });
            MimeMessage message = new MimeMessage(session);
            message.setFrom(new InternetAddress("from@example.com", "Name"));
            message.setReplyTo(InternetAddress.parse("reply@example.com"));
            for (String to : properties.getProperty("test.to", "to@example.com").split(",")) {
                message.addRecipient(Message.RecipientType.TO, new InternetAddress(to));
            }
            message.setSubject("caf\u00e9");
            message.setContent("<p>caf\u00e9</p>", "text/html; charset=UTF-8");
            Transport.send(message);
            return "sent";
        } catch (Throwable error) {
            StringBuilder text = new StringBuilder("failed:");
            for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                text.append(' ').append(cause);
            }
            return text.toString();
        }
    }

    /** Properties that remember which names were asked for. */
    private static final class Asked extends Properties {
        private final transient Set<String> asked = Collections.synchronizedSet(new TreeSet<>());

        @Override
        public synchronized Object get(Object key) {
            note(key);
            return super.get(key);
        }

        @Override
        public String getProperty(String key) {
            note(key);
            return super.getProperty(key);
        }

        private void note(Object key) {
            if (asked != null && String.valueOf(key).startsWith("mail.")) {
                asked.add((String) key);
            }
        }
    }

    /** A relay for one mail; "TLS" among its capabilities: TLS from the first byte. */
    private static final class Relay implements AutoCloseable, Runnable {
        private final ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
        private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
        private final List<String> capabilities = new ArrayList<>();
        private final SSLContext context;
        private final boolean tls;

        Relay(String[] capabilities, SSLContext context) throws Exception {
            Collections.addAll(this.capabilities, capabilities);
            this.tls = this.capabilities.remove("TLS");
            this.context = context;
            Thread thread = new Thread(this);
            thread.setDaemon(true);
            thread.start();
        }

        int port() {
            return server.getLocalPort();
        }

        List<String> heard() {
            synchronized (heard) {
                return new ArrayList<>(heard);
            }
        }

        @Override
        public void close() throws Exception {
            server.close();
        }

        @Override
        public void run() {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    talk(socket);
                } catch (Exception ended) {
                    heard.add("<" + ended.getClass().getSimpleName() + ">");
                }
            }
        }

        private void talk(Socket plain) throws Exception {
            Socket socket = tls ? secured(plain) : plain;
            BufferedReader in = reader(socket);
            say(socket, "220 relay ESMTP");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                heard.add(line);
                String verb = line.split(" ")[0].toUpperCase();
                if (verb.equals("EHLO")) {
                    say(socket, "250-relay");
                    for (String capability : capabilities) {
                        say(socket, "250-" + capability);
                    }
                    say(socket, "250 HELP");
                } else if (verb.equals("STARTTLS")) {
                    say(socket, "220 go");
                    socket = secured(socket);
                    in = reader(socket);
                    capabilities.remove("STARTTLS");
                } else if (verb.equals("AUTH")) {
                    if (line.split(" ").length < 3) {
                        say(socket, "334 VXNlcm5hbWU6");
                        heard.add("<" + in.readLine() + ">");
                        if (line.contains("LOGIN")) {
                            say(socket, "334 UGFzc3dvcmQ6");
                            in.readLine();
                        }
                    }
                    say(socket, "235 ok");
                } else if (verb.equals("RCPT") && line.contains("refused@")) {
                    say(socket, "550 no such user");
                } else if (verb.equals("DATA")) {
                    say(socket, "354 go");
                    String data = in.readLine();
                    while (data != null && !data.equals(".")) {
                        if (data.toLowerCase().startsWith("content-transfer-encoding") || data.startsWith("Subject")) {
                            heard.add("<" + data + ">");
                        }
                        data = in.readLine();
                    }
                    say(socket, "250 queued");
                } else if (verb.equals("BDAT")) {
                    char[] chunk = new char[Integer.parseInt(line.split(" ")[1])];
                    for (int had = 0; had < chunk.length;) {
                        had += in.read(chunk, had, chunk.length - had);
                    }
                    say(socket, "250 ok");
                } else if (verb.equals("QUIT")) {
                    say(socket, "221 bye");
                    return;
                } else {
                    say(socket, "250 ok");
                }
            }
        }

        private Socket secured(Socket socket) throws Exception {
            SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, "127.0.0.1", socket.getPort(), true);
            secure.setUseClientMode(false);
            secure.startHandshake();
            heard.add("<" + secure.getSession().getProtocol() + ">");
            return secure;
        }

        private static BufferedReader reader(Socket socket) throws Exception {
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        }

        private static void say(Socket socket, String line) throws Exception {
            OutputStream out = socket.getOutputStream();
            out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }
    }
}
