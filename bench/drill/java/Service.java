import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** Logs with log4j: a job without an argument, a service with a port. `/version` tells log4j's. */
public final class Service {
    private static final Logger LOG = LogManager.getLogger("drill");

    public static void main(String[] words) throws Exception {
        if (words.length == 0) {
            LOG.error("3 orders are done");
            return;
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(words[0])), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            LOG.error("asked for {}", path);
            byte[] answer = (path.equals("/version") ? version() : "hello\n").getBytes();
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    private static String version() {
        return LogManager.getContext(false).getClass().getPackage().getImplementationVersion() + "\n";
    }
}
