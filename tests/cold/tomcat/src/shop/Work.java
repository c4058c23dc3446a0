package shop;

import jakarta.servlet.*;
import jakarta.servlet.annotation.*;
import jakarta.servlet.http.*;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.util.*;
import java.util.zip.*;
import javax.naming.InitialContext;
import javax.sql.DataSource;

@WebServlet(urlPatterns = "/job/*", asyncSupported = true)
@MultipartConfig
public class Work extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        response.setContentType("text/plain; charset=UTF-8");
        try {
            switch (request.getPathInfo()) {
                case "/sql" -> sql(response.getWriter());
                case "/session" -> {
                    HttpSession session = request.getSession();
                    Integer before = (Integer) session.getAttribute("count");
                    session.setAttribute("count", before == null ? 1 : before + 1);
                    response.getWriter().println("count " + session.getAttribute("count"));
                }
                case "/upload" -> {
                    for (Part part : request.getParts()) response.getWriter().println(part.getName() + " " + part.getSubmittedFileName() + " " + part.getSize());
                }
                case "/state" -> throw new IllegalStateException("on purpose");
                case "/late" -> {
                    AsyncContext context = request.startAsync();
                    context.start(() -> {
                        try { context.getResponse().getWriter().println("late"); } catch (IOException error) { throw new UncheckedIOException(error); }
                        context.complete();
                    });
                }
                case "/env" -> response.getWriter().println(new InitialContext().lookup("java:comp/env/greeting"));
                case "/xml" -> {
                    var document = javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream("<a><b>1</b><b>2</b></a>".getBytes(StandardCharsets.UTF_8)));
                    var path = javax.xml.xpath.XPathFactory.newInstance().newXPath();
                    var style = new javax.xml.transform.stream.StreamSource(new StringReader("<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'><xsl:template match='/'><out><xsl:value-of select='sum(//b)'/></out></xsl:template></xsl:stylesheet>"));
                    var out = new StringWriter();
                    javax.xml.transform.TransformerFactory.newInstance().newTransformer(style).transform(new javax.xml.transform.dom.DOMSource(document), new javax.xml.transform.stream.StreamResult(out));
                    response.getWriter().println(path.evaluate("count(//b)", document) + " " + out);
                }
                case "/image" -> {
                    var image = new java.awt.image.BufferedImage(20, 10, java.awt.image.BufferedImage.TYPE_INT_RGB);
                    var out = new ByteArrayOutputStream();
                    javax.imageio.ImageIO.write(image, request.getParameter("as"), out);
                    response.getWriter().println(request.getParameter("as") + " " + (out.size() > 0));
                }
                case "/crypto" -> {
                    var factory = javax.crypto.SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
                    byte[] key = factory.generateSecret(new javax.crypto.spec.PBEKeySpec("x".toCharArray(), "salt1234".getBytes(), 1000, 256)).getEncoded();
                    var cipher = javax.crypto.Cipher.getInstance("AES/GCM/NoPadding");
                    cipher.init(javax.crypto.Cipher.ENCRYPT_MODE, new javax.crypto.spec.SecretKeySpec(key, "AES"), new javax.crypto.spec.GCMParameterSpec(128, new byte[12]));
                    var keys = java.security.KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
                    response.getWriter().println(HexFormat.of().formatHex(cipher.doFinal("hello".getBytes())) + " " + keys.getPublic().getAlgorithm());
                }
                case "/dates" -> response.getWriter().println(java.time.ZonedDateTime.of(2024, 2, 29, 12, 0, 0, 0, java.time.ZoneId.of("Asia/Kathmandu"))
                    .format(java.time.format.DateTimeFormatter.ofLocalizedDateTime(java.time.format.FormatStyle.FULL).withLocale(Locale.forLanguageTag(request.getParameter("lang")))));
                case "/charsets" -> response.getWriter().println(new String("naïve 漢字".getBytes("Shift_JIS"), "Shift_JIS") + " " + new String("ä".getBytes("IBM850"), "IBM850"));
                case "/get" -> {
                    var client = java.net.http.HttpClient.newHttpClient();
                    var answer = client.send(java.net.http.HttpRequest.newBuilder(java.net.URI.create("http://127.0.0.1:8080/shop/hello?who=me")).build(), java.net.http.HttpResponse.BodyHandlers.ofString());
                    response.getWriter().println(answer.statusCode() + " " + answer.body());
                }
                case "/run" -> {
                    Process process = new ProcessBuilder("sh", "-c", "echo child; uname -s").redirectErrorStream(true).start();
                    response.getWriter().println(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                }
                case "/zip" -> {
                    var bytes = new ByteArrayOutputStream();
                    try (var zip = new ZipOutputStream(bytes)) { zip.putNextEntry(new ZipEntry("a.txt")); zip.write("a".repeat(1000).getBytes()); }
                    try (var zip = new ZipInputStream(new ByteArrayInputStream(bytes.toByteArray()))) { response.getWriter().println(zip.getNextEntry().getName()); }
                }
                case "/script" -> response.getWriter().println(new javax.script.ScriptEngineManager().getEngineFactories().size() + " engines");
                case "/management" -> response.getWriter().println(java.lang.management.ManagementFactory.getPlatformMBeanServer().getMBeanCount() > 50 ? "many beans" : "few beans");
                default -> response.sendError(404);
            }
        } catch (IllegalStateException error) {
            throw error;
        } catch (Exception error) {
            throw new ServletException(error);
        }
    }

    private static void sql(PrintWriter out) throws Exception {
        var source = (DataSource) new InitialContext().lookup("java:comp/env/jdbc/shop");
        try (Connection connection = source.getConnection(); Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists items (id int auto_increment primary key, name varchar(80), at timestamp default current_timestamp)");
            statement.execute("insert into items (name) values ('one'), ('two')");
            try (ResultSet rows = statement.executeQuery("select count(*) >= 2, upper(min(name)), json_object('a': 1) from items")) {
                rows.next();
                out.println(rows.getBoolean(1) + " " + rows.getString(2) + " " + rows.getString(3));
            }
            try { statement.execute("select nothing from nowhere"); } catch (SQLException error) { out.println(error.getSQLState()); }
        }
    }
}
