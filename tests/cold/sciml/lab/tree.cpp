#include <algorithm>
#include <map>
#include <numeric>
#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>

namespace py = pybind11;

static double total(py::array_t<double, py::array::c_style | py::array::forcecast> values) {
    auto seen = values.unchecked<1>();
    double whole = 0;
    for (py::ssize_t i = 0; i < seen.shape(0); i++) whole += seen(i);
    return whole;
}

static std::map<std::string, int> words(const std::string &text) {
    std::map<std::string, int> counted;
    std::regex word("[a-z]+");
    for (std::sregex_iterator one(text.begin(), text.end(), word), end; one != end; ++one) counted[one->str()]++;
    return counted;
}

struct Tree {
    std::vector<double> values;
    void add(double value) {
        if (value < 0) throw std::invalid_argument("only what is positive");
        values.push_back(value);
    }
    double most() const { return *std::max_element(values.begin(), values.end()); }
};

PYBIND11_MODULE(tree, module) {
    module.def("total", &total);
    module.def("words", &words);
    module.def("twice", [](const std::function<double(double)> &function, double value) { return function(function(value)); });
    module.def("threads", [] { int seen = 0; std::thread one([&] { seen = 42; }); one.join(); return seen; });
    py::class_<Tree>(module, "Tree").def(py::init<>()).def("add", &Tree::add).def("most", &Tree::most);
}
