package till;

import java.nio.file.Files;
import java.nio.file.Path;

public class Main {
    private static final String PLACE = "/opt/till-texts";

    public static void main(String[] args) throws Exception {
        if (args[0].equals("texts")) {
            System.out.print(Files.readString(Path.of(PLACE, args[1])));
        } else if (args[0].equals("zipped")) {
            Process done = new ProcessBuilder("zip", "-h").redirectErrorStream(true).start();
            System.out.println(new String(done.getInputStream().readAllBytes()).lines().skip(1).findFirst().orElse("nothing"));
        }
    }
}
