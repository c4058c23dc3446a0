set terminal @KIND size 300,200
set title "Tides"
set xlabel "day"
plot "-" using 1:2 with lines title "level"
