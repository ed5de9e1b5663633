// Words of the standard input as a graph of successors, shortest paths between them: C++ with its containers and streams.
#include <algorithm>
#include <cctype>
#include <iostream>
#include <iterator>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <vector>

int main() {
  std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  std::map<std::string, std::set<std::string>> next;
  std::string word, before;
  for (char c : input + " ") {
    if (std::isalpha(static_cast<unsigned char>(c))) {
      word += static_cast<char>(std::tolower(c));
    } else if (!word.empty()) {
      if (!before.empty()) next[before].insert(word);
      before = word;
      word.clear();
    }
  }
  std::vector<std::pair<size_t, std::string>> farthest;
  for (const auto &[from, _] : next) {
    std::map<std::string, size_t> distance{{from, 0}};
    std::queue<std::string> open({from});
    size_t sum = 0;
    while (!open.empty()) {
      const auto at = open.front();
      open.pop();
      sum += distance[at];
      for (const auto &to : next[at])
        if (distance.emplace(to, distance[at] + 1).second) open.push(to);
    }
    farthest.emplace_back(sum, from);
    if (farthest.size() == 60) break;
  }
  std::sort(farthest.rbegin(), farthest.rend());
  std::cout << next.size() << " words\n";
  for (size_t i = 0; i < 5 && i < farthest.size(); i++)
    std::cout << farthest[i].first << " " << farthest[i].second << "\n";
}
