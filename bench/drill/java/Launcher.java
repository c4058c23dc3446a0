import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Starts the service of a fat jar, whose libraries are jars below BOOT-INF/lib. */
public final class Launcher {
    private static final String LIBRARIES = "BOOT-INF/lib/";

    public static void main(String[] words) throws Exception {
        Path own = Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path folder = Files.createTempDirectory("libraries");
        List<URL> path = new ArrayList<>(List.of(own.toUri().toURL()));
        try (JarFile jar = new JarFile(own.toFile())) {
            for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                if (!entry.getName().startsWith(LIBRARIES) || entry.isDirectory()) continue;
                Path library = folder.resolve(entry.getName().substring(LIBRARIES.length()));
                try (InputStream content = jar.getInputStream(entry)) {
                    Files.copy(content, library);
                }
                path.add(library.toUri().toURL());
            }
        }
        ClassLoader loader = new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        Thread.currentThread().setContextClassLoader(loader);
        loader.loadClass("Service").getMethod("main", String[].class).invoke(null, (Object) words);
    }
}
