#include <string>

std::string area(const std::string& a, const std::string& b) { return std::to_string(std::stol(a) * std::stol(b)); }
