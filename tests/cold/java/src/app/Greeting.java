package app;
public interface Greeting { String name(); String greet(String who); }
