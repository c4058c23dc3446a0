import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.thoughtworks.xstream.XStream;
import com.thoughtworks.xstream.io.xml.Xpp3Driver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.configuration2.PropertiesConfiguration;
import org.apache.commons.fileupload.FileUpload;
import org.apache.commons.fileupload.UploadContext;
import org.apache.commons.fileupload.disk.DiskFileItemFactory;
import org.apache.commons.io.IOUtils;
import org.codehaus.jettison.json.JSONObject;

/** Keeps the entries of a ledger: a database, archives, and the formats of old partners. */
public final class Vault {
    private interface Answer {
        String to(HttpExchange exchange) throws Exception;
    }

    public static void main(String[] words) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8002), 0);
        serve(server, "/total", exchange -> total());
        serve(server, "/pack", exchange -> pack("entry"));
        serve(server, "/formats", exchange -> formats());
        serve(server, "/upload", Vault::upload);
        server.start();
        System.out.println("serving entries");
    }

    private static void serve(HttpServer server, String path, Answer answer) {
        server.createContext(path, exchange -> {
            byte[] body;
            int status = 200;
            try {
                body = answer.to(exchange).getBytes(StandardCharsets.UTF_8);
            } catch (Exception | LinkageError error) {
                error.printStackTrace();
                body = error.toString().getBytes(StandardCharsets.UTF_8);
                status = 500;
            }
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    private static String total() throws Exception {
        try (Connection database = DriverManager.getConnection("jdbc:h2:mem:")) {
            database.createStatement().execute("create table entry (amount int); insert into entry values (1), (2), (4)");
            ResultSet sum = database.createStatement().executeQuery("select sum(amount) from entry");
            sum.next();
            return String.valueOf(sum.getInt(1));
        }
    }

    private static String pack(String text) throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (ZipArchiveOutputStream archive = new ZipArchiveOutputStream(packed)) {
            archive.putArchiveEntry(new ZipArchiveEntry("name"));
            archive.write(text.getBytes(StandardCharsets.UTF_8));
            archive.closeArchiveEntry();
        }
        try (ZipArchiveInputStream archive = new ZipArchiveInputStream(new ByteArrayInputStream(packed.toByteArray()))) {
            String name = archive.getNextEntry().getName();
            return name + "=" + IOUtils.toString(archive, StandardCharsets.UTF_8);
        }
    }

    private static String formats() throws Exception {
        XStream stream = new XStream(new Xpp3Driver());
        stream.allowTypesByWildcard(new String[] {"java.util.**"});
        List<String> list = new ArrayList<>(ImmutableList.of("a", "b"));
        Object back = stream.fromXML(stream.toXML(list));
        PropertiesConfiguration settings = new PropertiesConfiguration();
        settings.read(new StringReader("base = 3\ncopy = ${base}\n"));
        return Joiner.on(' ').join((List<?>) back) + " " + settings.getString("copy") + " " + new JSONObject("{\"c\": 5}").getInt("c");
    }

    private static String upload(HttpExchange exchange) throws Exception {
        UploadContext request = new UploadContext() {
            @Override public String getCharacterEncoding() { return "UTF-8"; }
            @Override public String getContentType() { return exchange.getRequestHeaders().getFirst("Content-Type"); }
            @Override public int getContentLength() { return -1; }
            @Override public long contentLength() { return -1; }
            @Override public InputStream getInputStream() { return exchange.getRequestBody(); }
        };
        return new FileUpload(new DiskFileItemFactory()).parseRequest(request).get(0).getString();
    }
}
