import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.sun.net.httpserver.HttpServer;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.commons.io.IOUtils;
import org.apache.commons.text.StringEscapeUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prints the labels of parcels: a template in YAML, filled and escaped. */
public final class Labels {
    private static final Logger LOG = LoggerFactory.getLogger(Labels.class);
    private static final String LAYOUT = "{title: 'To: ', size: [10, 20]}";

    public static void main(String[] words) throws Exception {
        ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8002), 0);
        server.createContext("/label", exchange -> {
            String name = exchange.getRequestURI().getQuery().substring("name=".length());
            Map<?, ?> layout = yaml.readValue(IOUtils.toString(new StringReader(LAYOUT)), Map.class);
            byte[] answer = (layout.get("title") + StringEscapeUtils.escapeXml10(name)).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        LOG.info("serving labels");
    }
}
