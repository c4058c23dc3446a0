#include <iostream>
#include <string>

std::string area(const std::string& a, const std::string& b);

int main(int, char** words) { std::cout << area(words[1], words[2]) << "\n"; }
