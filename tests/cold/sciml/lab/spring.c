#include <complex.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct { double place, speed; } spring;

double energy(const spring *one, double stiff) { return 0.5 * one->speed * one->speed + 0.5 * stiff * one->place * one->place; }

void spring_step(spring *one, double stiff, double dt) {
    one->speed -= stiff * one->place * dt;
    one->place += one->speed * dt;
}

static int smaller(const void *a, const void *b) { return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b); }
void sorted(double *values, size_t count) { qsort(values, count, sizeof *values, smaller); }
double angle(double re, double im) { return carg(re + im * I); }
