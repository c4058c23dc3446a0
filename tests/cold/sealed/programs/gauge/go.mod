module press/gauge

go 1.19
