package plug;
public class Plain implements app.Greeting { public String name() { return "plain"; } public String greet(String who) { return "hello " + who; } }
