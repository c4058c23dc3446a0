import ch.qos.logback.classic.LoggerContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.commons.beanutils.BeanUtils;
import org.apache.commons.lang3.StringUtils;
import org.apache.tika.Tika;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prints a report: a title from a bean, what a file is by its bytes, and the whole as JSON. */
public final class Print {
    private static final Logger LOG = LoggerFactory.getLogger(Print.class);

    /** One report. */
    public static final class Report {
        private String title = "march";

        public String getTitle() {
            return title;
        }

        public void setTitle(String title) {
            this.title = title;
        }
    }

    public static void main(String[] words) throws Exception {
        ObjectMapper json = new ObjectMapper();
        Tika tika = new Tika();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8002), 0);
        server.createContext("/print", exchange -> {
            byte[] answer;
            try {
                String title = StringUtils.capitalize(BeanUtils.getProperty(new Report(), "title"));
                String kind = tika.detect("%PDF-1.4".getBytes(StandardCharsets.US_ASCII));
                answer = json.writeValueAsBytes(List.of(title, kind, Map.of("log", LoggerFactory.getILoggerFactory() instanceof LoggerContext)));
            } catch (ReflectiveOperationException error) {
                answer = String.valueOf(error).getBytes(StandardCharsets.UTF_8);
            }
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        LOG.info("serving prints");
    }
}
