import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Starts the main class of a fat jar: the jars under lib/ inside of it are its class path. */
public final class Launcher {
    public static void main(String[] words) throws Exception {
        Path own = Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path folder = Files.createTempDirectory("libraries");
        List<URL> path = new ArrayList<>();
        path.add(own.toUri().toURL());
        try (JarFile jar = new JarFile(own.toFile())) {
            for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                if (entry.getName().startsWith("lib/") && entry.getName().endsWith(".jar")) {
                    Path library = folder.resolve(entry.getName().substring("lib/".length()));
                    try (InputStream content = jar.getInputStream(entry)) {
                        Files.copy(content, library);
                    }
                    path.add(library.toUri().toURL());
                }
            }
        }
        URLClassLoader loader = new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
        Thread.currentThread().setContextClassLoader(loader);
        loader.loadClass("Print").getMethod("main", String[].class).invoke(null, (Object) words);
    }
}
