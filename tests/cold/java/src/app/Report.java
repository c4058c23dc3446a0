package app;
import java.io.File;
import java.time.ZonedDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
public class Report implements java.util.function.Function<String, String> {
  public String apply(String zone) {
    var when = ZonedDateTime.of(2024, 7, 1, 12, 0, 0, 0, ZoneId.of("UTC")).withZoneSameInstant(ZoneId.of(zone));
    return DateTimeFormatter.ofPattern("EEEE d MMMM yyyy HH:mm z", Locale.GERMANY).format(when);
  }
}
