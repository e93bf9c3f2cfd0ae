import Foundation

/// Real data made by others; nil when the environment does not say where it lies.
enum SharedData {
  static let folder: String? = ProcessInfo.processInfo.environment["SIMPP_DATA_DIR"]

  static let azureConversation = path("traces/azure_llm_2023/AzureLLMInferenceTrace_conv.csv")
  static let azureCode = path("traces/azure_llm_2023/AzureLLMInferenceTrace_code.csv")
  static let mooncake = path("traces/mooncake_fast25/conversation_trace.first6000.jsonl")
  static let serveGen = path("traces/servegen/m-small")
  static let vidurLengths = path(
    "traces/vidur_processed/arxiv_summarization_lengths.first10000.csv")

  private static func path(_ name: String) -> String { (folder ?? "") + "/" + name }
}
