public import Inference

/// Which model of the catalogue a text means: a repository, or words in the name of a file.
public enum ModelName {
  /// The catalogue's model that a text names, nil if there is none.
  ///
  /// `meta-llama/Llama-2-7b-hf` and `steps.h100.codellama-34b.tp2.csv` are such texts; of several names
  /// the longest counts.
  public static func find(in text: String) -> ModelArchitecture? {
    let words = plainWords(text)
    var best: (length: Int, model: ModelArchitecture)?
    for model in ModelCatalogue.models {
      for name in [model.name] + (aliases[model.name] ?? []) where contains(words, plainWords(name))
      {
        if best.map({ name.count > $0.length }) ?? true { best = (name.count, model) }
      }
    }
    return best?.model
  }

  /// Other names of a model.
  private static let aliases = [
    "llama-33b": ["llama-30b", "llama1-30b", "llama30b"], "llama-7b": ["llama1-7b"],
    "llama-13b": ["llama1-13b"], "llama-65b": ["llama1-65b"],
    "llama-3-8b": ["meta-llama-3-8b"], "llama-3-70b": ["meta-llama-3-70b"],
    "mistral-7b-v0.1": ["mistral-7b"],
  ]

  /// The words of a text in small letters.
  private static func plainWords(_ text: String) -> [Substring] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }
  }

  /// Whether a text holds words one after the other.
  private static func contains(_ text: [Substring], _ words: [Substring]) -> Bool {
    guard text.count >= words.count else { return false }
    return (0...text.count - words.count).contains { start in
      text[start..<start + words.count].elementsEqual(words)
    }
  }
}
