/// The known word that was most likely meant, nil when none is close.
///
/// Close means: equal but for case, or reached by changing, adding, dropping or swapping at most
/// one letter in three; failing that, made of the word, if it has a digit, and further parts behind
/// hyphens, as `h100-sxm` is of `h100`.
public func suggestion(for word: String, among known: [String]) -> String? {
  let lowered = word.lowercased()
  var best: String?
  var bestDistance = Int.max
  for candidate in known {
    let distance = editDistance(lowered, candidate.lowercased())
    if distance < bestDistance {
      best = candidate
      bestDistance = distance
    }
  }
  guard let best else { return nil }
  let shorter = min(lowered.count, best.count)
  // A word of which no letter is left was not meant.
  if bestDistance <= max(1, shorter / 3), bestDistance < max(1, shorter) { return best }
  let parts = lowered.split(separator: "-")
  // Without a digit a word names a family, of which no member was meant.
  return !lowered.contains(where: \.isNumber)
    ? nil
    : known.first { candidate in
      let own = candidate.lowercased().split(separator: "-")
      return parts.allSatisfy(own.contains)
    }
}

/// The least number of letters changed, added, dropped or swapped with their neighbour that turns
/// one word into the other (optimal string alignment).
func editDistance(_ left: String, _ right: String) -> Int {
  // Longer words are no misspelt keys, and the table grows with both lengths.
  let a = Array(left.prefix(200))
  let b = Array(right.prefix(200))
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var least = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        least = min(least, beforeLast[j - 1] + 1)
      }
      row.append(least)
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
