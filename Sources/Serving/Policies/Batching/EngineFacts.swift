public import EventKernel
public import Inference

/// What a batching policy is told about its engine before the first plan.
public struct EngineFacts: Sendable {
  /// Stages of the pipeline.
  public let stages: Int
  /// Tokens of one KV block.
  public let blockTokens: Int
  /// Tokens of the longest context of the model.
  public let contextTokens: Int
  private let pieces: StepPiecesList
  /// The step costs of each stage.
  private let pieceIndices: [Int]
  /// The mean of a model's drawn step times, 0 where they are not drawn.
  private let drawnNanoseconds: Nanoseconds

  /// Describes an engine.
  ///
  /// - Parameters:
  ///   - stages: Stages of the pipeline.
  ///   - blockTokens: Tokens of one KV block.
  ///   - contextTokens: Tokens of the longest context of the model.
  ///   - pieces: Prepared step costs.
  ///   - pieceIndices: The place of each stage's costs among them.
  ///   - drawnNanoseconds: The mean of the model's drawn step times, 0 where they are not drawn.
  public init(
    stages: Int, blockTokens: Int, contextTokens: Int, pieces: StepPiecesList,
    pieceIndices: [Int], drawnNanoseconds: Nanoseconds = 0
  ) {
    self.stages = stages
    self.blockTokens = blockTokens
    self.contextTokens = contextTokens
    self.pieces = pieces
    self.pieceIndices = pieceIndices
    self.drawnNanoseconds = drawnNanoseconds
  }

  /// Nanoseconds of a step on the slowest stage, collectives as they are without contention.
  public func slowestStage(_ shape: BatchShape) -> Nanoseconds {
    var shape = shape
    shape.drawnNanoseconds = drawnNanoseconds
    return pieceIndices.map { pieces.cost(shape, at: $0).total }.max() ?? 0
  }
}
