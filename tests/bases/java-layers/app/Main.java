package app;

import java.util.Properties;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

public class Main {
    public static void main(String[] words) throws Exception {
        Properties settings = new Properties();
        settings.load(Main.class.getResourceAsStream("/application.properties"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init((java.security.KeyStore) null);
        int count = ((X509TrustManager) trust.getTrustManagers()[0]).getAcceptedIssuers().length;
        System.out.println("size=" + settings.getProperty("size") + " tls=" + (count > 50));
    }
}
