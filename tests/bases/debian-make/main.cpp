#include <iostream>
#include <vector>

int main() { std::cout << std::vector<int>(3).size() << " words\n"; }
