# What the interpreter runs: the standard library's json, re, hashlib, fractions; the input is text.
import collections, fractions, hashlib, json, re, sys

text = sys.stdin.read()
words = collections.Counter(re.findall(r"[a-z]+", text.lower()))
print(json.dumps(words.most_common(5)))
print(hashlib.sha256(text.encode()).hexdigest())
print(sum((fractions.Fraction(1, n) for n in range(1, 60)), fractions.Fraction(0)))
print(sorted({len(word) for word in words}))
