"""The rules: what is wrong with a sender, or with the file that it stands in. A rule is a page and a function.

The page is docs/rules/MWnnn.md; ``pages`` reads it, and ``catalogue`` is what ``make generate`` takes from all of them for run time. The
function is called ``mwnnn`` and stands in the module of its family, next to those that look at the same thing; it takes a ``Node`` or a
``Sender`` and yields what it has to say. What must be there for that stands above it (``model`` has the words): without it the function is
not called. Where a page is about ``inputs``, the readers in ``validation`` make the findings: ``reading`` has the names by which they call
those rules.

MW0xx what cannot be read, MW1xx keys, MW2xx values on their way through the server's start, MW3xx what the mail client does, MW4xx specs
and tenants, MW5xx secrets, MW6xx providers, MW7xx tenant loading. Ids never change and are never used again.

It may know the adapter's keys by name. It knows no command, no output and nothing of the network.
"""
