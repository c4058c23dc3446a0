package app;
import com.sun.net.httpserver.*;
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.nio.charset.*;
import java.nio.file.*;
import java.security.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.Function;
import javax.net.ssl.*;

/** A service with one happy path, `/greet`, and many that a short test never takes. */
public class Main {
  interface Answer { String of(Map<String, String> query) throws Exception; }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0) { System.out.println(command(arguments)); return; }
    var properties = new Properties();
    try (var in = Files.newInputStream(Path.of("conf/app.properties"))) { properties.load(in); }
    var server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.setExecutor(Executors.newFixedThreadPool(4));
    answer(server, "/greet", query -> greeting(query.getOrDefault("as", properties.getProperty("greeting"))).greet(query.getOrDefault("who", "world")));
    answer(server, "/report", query -> {
      @SuppressWarnings("unchecked")
      var made = (Function<String, String>) Class.forName(properties.getProperty("report.class")).getDeclaredConstructor().newInstance();
      return made.apply(query.getOrDefault("zone", "Europe/Berlin"));
    });
    for (var name : List.of("charset", "digest", "cipher", "keystore", "xml", "zip", "script", "image", "dns", "process", "regex", "cacerts", "tls", "logging", "prefs", "sql", "management", "font", "country", "oom", "compile", "ldap", "xslt", "net")) {
      answer(server, "/" + name, query -> command(new String[] {name, query.getOrDefault("arg", "")}));
    }
    answer(server, "/crash", query -> { throw new IllegalStateException("asked for"); });
    answer(server, "/exit", query -> { new Thread(() -> System.exit(Integer.parseInt(query.getOrDefault("code", "3")))).start(); return "leaving"; });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shut down " + new Date(0).toInstant())));
    server.start();
    System.out.println("ready");
  }

  static Greeting greeting(String name) {
    for (var item : ServiceLoader.load(Greeting.class)) if (item.name().equals(name)) return item;
    throw new IllegalArgumentException("no greeting " + name);
  }

  static void answer(HttpServer server, String path, Answer answer) {
    server.createContext(path, exchange -> {
      int status = 200;
      String text;
      try {
        var query = new HashMap<String, String>();
        var raw = exchange.getRequestURI().getQuery();
        if (raw != null) for (var pair : raw.split("&")) query.put(pair.split("=")[0], pair.substring(pair.indexOf('=') + 1));
        text = answer.of(query);
      } catch (Throwable error) {
        var written = new StringWriter();
        error.printStackTrace(new PrintWriter(written));
        System.err.print(written);
        status = 500;
        text = written.toString();
      }
      var bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    });
  }

  static String command(String[] arguments) throws Exception {
    var argument = arguments.length > 1 ? arguments[1] : "";
    switch (arguments[0]) {
      case "charset": {
        var out = new StringBuilder();
        for (var name : List.of("windows-1252", "Shift_JIS", "GB18030", "EUC-KR", "IBM037", "x-MacRoman")) out.append(name).append(' ').append(new String("é日".getBytes(name), name).length()).append('\n');
        return out.toString();
      }
      case "digest": {
        var out = new StringBuilder();
        for (var name : List.of("MD5", "SHA-1", "SHA-512/256", "SHA3-256")) out.append(HexFormat.of().formatHex(MessageDigest.getInstance(name).digest("x".getBytes())), 0, 8).append(' ');
        return out + SecureRandom.getInstanceStrong().getAlgorithm();
      }
      case "cipher": {
        var key = KeyPairGenerator.getInstance(argument.isEmpty() ? "EC" : argument).generateKeyPair();
        var signature = Signature.getInstance(key.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : key.getPrivate().getAlgorithm().startsWith("Ed") ? "Ed25519" : "SHA256withECDSA");
        signature.initSign(key.getPrivate());
        signature.update(new byte[16]);
        signature.sign();
        var aes = javax.crypto.Cipher.getInstance("AES/GCM/NoPadding");
        aes.init(javax.crypto.Cipher.ENCRYPT_MODE, new javax.crypto.spec.SecretKeySpec(new byte[32], "AES"));
        return signature.getAlgorithm() + " " + aes.doFinal(new byte[16]).length;
      }
      case "keystore": {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        var out = new ByteArrayOutputStream();
        store.store(out, "secret".toCharArray());
        return "stored " + (out.size() > 50);
      }
      case "cacerts": {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return "issuers " + (((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length > 50);
      }
      case "tls": {
        try {
          HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(argument.isEmpty() ? "https://127.0.0.1:8443/" : argument)).build(), HttpResponse.BodyHandlers.ofString());
          return "answered";
        } catch (SSLHandshakeException | ConnectException error) { return error.getClass().getSimpleName() + " " + error.getMessage(); }
      }
      case "xml": {
        var document = javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream("<a><b>c</b></a>".getBytes()));
        return javax.xml.xpath.XPathFactory.newInstance().newXPath().evaluate("/a/b", document);
      }
      case "xslt": {
        var out = new StringWriter();
        javax.xml.transform.TransformerFactory.newInstance().newTransformer().transform(new javax.xml.transform.stream.StreamSource(new StringReader("<a/>")), new javax.xml.transform.stream.StreamResult(out));
        return out.toString();
      }
      case "zip": {
        var out = new ByteArrayOutputStream();
        try (var zip = new java.util.zip.ZipOutputStream(out)) { zip.putNextEntry(new java.util.zip.ZipEntry("a")); zip.write(new byte[1000]); zip.closeEntry(); }
        return "zip " + (out.size() < 300);
      }
      case "image": {
        var image = new java.awt.image.BufferedImage(8, 8, java.awt.image.BufferedImage.TYPE_INT_RGB);
        var out = new ByteArrayOutputStream();
        javax.imageio.ImageIO.write(image, argument.isEmpty() ? "png" : argument, out);
        return "image " + javax.imageio.ImageIO.read(new ByteArrayInputStream(out.toByteArray())).getWidth();
      }
      case "font": {
        var image = new java.awt.image.BufferedImage(40, 20, java.awt.image.BufferedImage.TYPE_INT_RGB);
        image.createGraphics().drawString("hi", 2, 12);
        return "drawn";
      }
      case "dns": {
        try { return InetAddress.getByName(argument).getHostAddress(); } catch (UnknownHostException error) { return "unknown " + error.getMessage(); }
      }
      case "net": return NetworkInterface.getByName("lo").getName() + " " + InetAddress.getLoopbackAddress();
      case "process": {
        var process = new ProcessBuilder("sh", "-c", "echo \"from $0\" | sed s/from/by/", argument).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes()).trim() + " " + process.waitFor();
      }
      case "regex": return String.join(",", "a1b22".split("\\p{Nd}+")) + " " + java.text.Normalizer.normalize("é", java.text.Normalizer.Form.NFD).length();
      case "logging": {
        var logger = java.util.logging.Logger.getLogger("app");
        logger.log(java.util.logging.Level.SEVERE, "bad", new RuntimeException("shown"));
        return "logged";
      }
      case "prefs": return java.util.prefs.Preferences.userRoot().absolutePath();
      case "management": return java.lang.management.ManagementFactory.getRuntimeMXBean().getSpecVersion() + " " + java.lang.management.ManagementFactory.getThreadMXBean().dumpAllThreads(true, true).length / 100;
      case "country": return String.format(Locale.forLanguageTag("ar-EG"), "%,d", 1234567) + " " + new Locale("", "JP").getDisplayCountry(Locale.FRENCH) + " " + Currency.getInstance(Locale.KOREA) + " " + java.text.NumberFormat.getCurrencyInstance(Locale.GERMANY).format(1.5);
      case "sql": return "drivers " + Collections.list(java.sql.DriverManager.getDrivers()).size();
      case "script": return String.valueOf(new javax.script.ScriptEngineManager().getEngineByName("none"));
      case "ldap": {
        try { new javax.naming.directory.InitialDirContext(new Hashtable<>(Map.of("java.naming.factory.initial", "com.sun.jndi.ldap.LdapCtxFactory", "java.naming.provider.url", "ldap://127.0.0.1:9"))); return "bound"; }
        catch (javax.naming.CommunicationException error) { return "CommunicationException"; }
      }
      case "compile": return String.valueOf(javax.tools.ToolProvider.getSystemJavaCompiler() != null);
      case "oom": { var all = new ArrayList<byte[]>(); while (true) all.add(new byte[1 << 24]); }
      default: throw new IllegalArgumentException("unknown command " + arguments[0]);
    }
  }
}
