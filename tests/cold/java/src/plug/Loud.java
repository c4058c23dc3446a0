package plug;
public class Loud implements app.Greeting { public String name() { return "loud"; } public String greet(String who) { return "HELLO " + who.toUpperCase(java.util.Locale.ROOT); } }
