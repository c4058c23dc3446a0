import java.security.KeyStore;
import java.time.ZoneId;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

public class Main {
  public static void main(String[] words) throws Exception {
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    int trusted = ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length;
    System.out.println((trusted > 50) + " " + ZoneId.of("Europe/Paris"));
  }
}
