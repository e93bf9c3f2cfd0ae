import Inference

/// Figures as published on huggingface.co, in words of our own.
extension ConfigCase {
  static let dense: [ConfigCase] = [
    ConfigCase(
      "llama-3.1-8b",
      """
      { "architectures": ["LlamaForCausalLM"], "model_type": "llama", "attention_bias": false,
        "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336,
        "max_position_embeddings": 131072, "mlp_bias": false, "num_attention_heads": 32,
        "num_hidden_layers": 32, "num_key_value_heads": 8, "tie_word_embeddings": false,
        "rope_scaling": { "factor": 8.0, "original_max_position_embeddings": 8192 },
        "torch_dtype": "bfloat16", "vocab_size": 128256 }
      """),
    ConfigCase(
      "llama-3.2-1b",
      """
      { "architectures": ["LlamaForCausalLM"], "model_type": "llama", "head_dim": 64,
        "hidden_size": 2048, "intermediate_size": 8192, "max_position_embeddings": 131072,
        "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
        "tie_word_embeddings": true, "dtype": "bfloat16", "vocab_size": 128256 }
      """),
    ConfigCase(
      "mistral-small-24b",
      """
      { "architectures": ["Mistral3ForConditionalGeneration"], "model_type": "mistral3",
        "torch_dtype": "bfloat16", "vision_config": { "hidden_size": 1024 },
        "text_config": { "model_type": "mistral", "head_dim": 128, "hidden_size": 5120,
          "intermediate_size": 32768, "max_position_embeddings": 32768,
          "num_attention_heads": 32, "num_hidden_layers": 40, "num_key_value_heads": 8,
          "sliding_window": null, "vocab_size": 131072 } }
      """),
    ConfigCase(
      "qwen2.5-7b",
      """
      { "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_size": 3584,
        "intermediate_size": 18944, "max_position_embeddings": 32768, "max_window_layers": 28,
        "num_attention_heads": 28, "num_hidden_layers": 28, "num_key_value_heads": 4,
        "sliding_window": 131072, "use_sliding_window": false, "tie_word_embeddings": false,
        "torch_dtype": "bfloat16", "vocab_size": 152064 }
      """),
    ConfigCase(
      "qwen3-32b",
      """
      { "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "attention_bias": false,
        "head_dim": 128, "hidden_size": 5120, "intermediate_size": 25600,
        "max_position_embeddings": 40960, "max_window_layers": 64, "num_attention_heads": 64,
        "num_hidden_layers": 64, "num_key_value_heads": 8, "sliding_window": null,
        "use_sliding_window": false, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
        "vocab_size": 151936 }
      """),
    ConfigCase(
      "phi-4",
      """
      { "architectures": ["Phi3ForCausalLM"], "model_type": "phi3", "hidden_size": 5120,
        "intermediate_size": 17920, "max_position_embeddings": 16384,
        "num_attention_heads": 40, "num_hidden_layers": 40, "num_key_value_heads": 10,
        "sliding_window": null, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
        "vocab_size": 100352 }
      """),
  ]

  static let windows: [ConfigCase] = [
    ConfigCase(
      "mistral-7b-v0.1",
      """
      { "architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_size": 4096,
        "intermediate_size": 14336, "max_position_embeddings": 32768,
        "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8,
        "sliding_window": 4096, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
        "vocab_size": 32000 }
      """),
    ConfigCase(
      "gemma-2-27b",
      """
      { "architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "head_dim": 128,
        "hidden_size": 4608, "intermediate_size": 36864, "max_position_embeddings": 8192,
        "num_attention_heads": 32, "num_hidden_layers": 46, "num_key_value_heads": 16,
        "sliding_window": 4096, "torch_dtype": "bfloat16", "vocab_size": 256000 }
      """),
    ConfigCase(
      "gemma-3-27b",
      """
      { "architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3",
        "torch_dtype": "bfloat16", "vision_config": { "num_hidden_layers": 27 },
        "text_config": { "model_type": "gemma3_text", "head_dim": 128, "hidden_size": 5376,
          "intermediate_size": 21504, "num_attention_heads": 32, "num_hidden_layers": 62,
          "num_key_value_heads": 16, "sliding_window": 1024 } }
      """),
    ConfigCase(
      "gpt-oss-20b", weights: .mxfp4,
      """
      { "architectures": ["GptOssForCausalLM"], "model_type": "gpt_oss", "attention_bias": true,
        "experts_per_token": 4, "head_dim": 64, "hidden_size": 2880, "intermediate_size": 2880,
        "layer_types": [\(String(repeating: "\"sliding_attention\", \"full_attention\", ", count: 12))],
        "max_position_embeddings": 131072, "num_attention_heads": 64, "num_experts_per_tok": 4,
        "num_hidden_layers": 24, "num_key_value_heads": 8, "num_local_experts": 32,
        "quantization_config": { "quant_method": "mxfp4",
          "modules_to_not_convert": ["model.layers.*.self_attn", "lm_head"] },
        "sliding_window": 128, "tie_word_embeddings": false, "vocab_size": 201088 }
      """),
  ]

  static let experts: [ConfigCase] = [
    ConfigCase(
      "mixtral-8x7b",
      """
      { "architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "hidden_size": 4096,
        "intermediate_size": 14336, "max_position_embeddings": 32768,
        "num_attention_heads": 32, "num_experts_per_tok": 2, "num_hidden_layers": 32,
        "num_key_value_heads": 8, "num_local_experts": 8, "sliding_window": null,
        "tie_word_embeddings": false, "torch_dtype": "bfloat16", "vocab_size": 32000 }
      """),
    ConfigCase(
      "qwen3-235b-a22b",
      """
      { "architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe",
        "attention_bias": false, "decoder_sparse_step": 1, "head_dim": 128,
        "hidden_size": 4096, "intermediate_size": 12288, "max_position_embeddings": 40960,
        "mlp_only_layers": [], "moe_intermediate_size": 1536, "num_attention_heads": 64,
        "num_experts": 128, "num_experts_per_tok": 8, "num_hidden_layers": 94,
        "num_key_value_heads": 4, "sliding_window": null, "use_sliding_window": false,
        "tie_word_embeddings": false, "torch_dtype": "bfloat16", "vocab_size": 151936 }
      """),
    ConfigCase(
      "deepseek-v3", weights: .fp8,
      """
      { "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3",
        "first_k_dense_replace": 3, "hidden_size": 7168, "intermediate_size": 18432,
        "kv_lora_rank": 512, "max_position_embeddings": 163840, "moe_intermediate_size": 2048,
        "moe_layer_freq": 1, "n_routed_experts": 256, "n_shared_experts": 1,
        "num_attention_heads": 128, "num_experts_per_tok": 8, "num_hidden_layers": 61,
        "num_key_value_heads": 128, "num_nextn_predict_layers": 1, "q_lora_rank": 1536,
        "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
        "quantization_config": { "quant_method": "fp8", "weight_block_size": [128, 128] },
        "topk_method": "noaux_tc", "tie_word_embeddings": false, "torch_dtype": "bfloat16",
        "vocab_size": 129280 }
      """),
    ConfigCase(
      "deepseek-v2-lite",
      """
      { "architectures": ["DeepseekV2ForCausalLM"], "model_type": "deepseek_v2",
        "first_k_dense_replace": 1, "hidden_size": 2048, "intermediate_size": 10944,
        "kv_lora_rank": 512, "max_position_embeddings": 163840, "moe_intermediate_size": 1408,
        "moe_layer_freq": 1, "n_routed_experts": 64, "n_shared_experts": 2,
        "num_attention_heads": 16, "num_experts_per_tok": 6, "num_hidden_layers": 27,
        "num_key_value_heads": 16, "q_lora_rank": null, "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64, "v_head_dim": 128, "topk_method": "greedy",
        "torch_dtype": "bfloat16", "vocab_size": 102400 }
      """),
  ]

  static let plain: [ConfigCase] = [
    ConfigCase(
      "opt-6.7b", weights: .fp16,
      """
      { "architectures": ["OPTForCausalLM"], "model_type": "opt", "do_layer_norm_before": true,
        "ffn_dim": 16384, "hidden_size": 4096, "max_position_embeddings": 2048,
        "num_attention_heads": 32, "num_hidden_layers": 32, "torch_dtype": "float16",
        "vocab_size": 50272, "word_embed_proj_dim": 4096 }
      """),
    ConfigCase(
      "bloom-176b",
      """
      { "architectures": ["BloomForCausalLM"], "model_type": "bloom", "n_embed": 14336,
        "n_layer": 70, "num_attention_heads": 112, "seq_length": 2048, "vocab_size": 250880 }
      """),
    ConfigCase(
      "falcon-7b",
      """
      { "architectures": ["FalconForCausalLM"], "model_type": "falcon", "alibi": false,
        "bias": false, "hidden_size": 4544, "multi_query": true,
        "new_decoder_architecture": false, "num_attention_heads": 71, "num_hidden_layers": 32,
        "parallel_attn": true, "torch_dtype": "bfloat16", "vocab_size": 65024 }
      """),
    ConfigCase(
      "falcon-40b",
      """
      { "architectures": ["RWForCausalLM"], "model_type": "RefinedWeb", "alibi": false,
        "bias": false, "hidden_size": 8192, "n_head": 128, "n_head_kv": 8, "n_layer": 60,
        "parallel_attn": true, "torch_dtype": "bfloat16", "vocab_size": 65024 }
      """),
    ConfigCase(
      "phi-2", weights: .fp16,
      """
      { "architectures": ["PhiForCausalLM"], "model_type": "phi", "hidden_act": "gelu_new",
        "hidden_size": 2560, "intermediate_size": 10240, "max_position_embeddings": 2048,
        "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 32,
        "tie_word_embeddings": false, "torch_dtype": "float16", "vocab_size": 51200 }
      """),
  ]
}
