public class Main {
    public static void main(String[] words) {
        System.out.println("modules " + ModuleLayer.boot().findModule("java.net.http").orElseThrow().getName());
    }
}
