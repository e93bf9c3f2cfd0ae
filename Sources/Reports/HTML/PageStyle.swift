import Serving

/// The page's style sheet and the patterns its charts share.
enum PageStyle {
  /// A label's colours: fill and ink on light pages, fill and ink on dark ones.
  private struct Ink {
    let light: (fill: String, ink: String)
    let dark: (fill: String, ink: String)
  }

  /// Blue for compute, orange for communication, grey for queuing: told apart under every common
  /// colour vision, and by pattern without any.
  private static func ink(_ label: LatencyLabel) -> Ink {
    switch label {
    case .compute: Ink(light: ("#1d5fa8", "#fff"), dark: ("#3f8ad8", "#000"))
    case .host: Ink(light: ("#8fc0ea", "#000"), dark: ("#a9d3f5", "#000"))
    case .commTensor: Ink(light: ("#b84a0c", "#fff"), dark: ("#e0702a", "#000"))
    case .commPipeline: Ink(light: ("#f2a54a", "#000"), dark: ("#f2b566", "#000"))
    case .commExpert: Ink(light: ("#7d3305", "#fff"), dark: ("#b5622e", "#000"))
    case .commKV: Ink(light: ("#f9d9ae", "#000"), dark: ("#fae3c3", "#000"))
    case .allocationWait: Ink(light: ("#4a4f57", "#fff"), dark: ("#7d8591", "#000"))
    case .coldStart: Ink(light: ("#959ba4", "#000"), dark: ("#a9b0ba", "#000"))
    case .queue: Ink(light: ("#c6cbd1", "#000"), dark: ("#c9ced6", "#000"))
    case .pipelineWait: Ink(light: ("#e4e7ea", "#000"), dark: ("#e4e7ea", "#000"))
    case .preemption: Ink(light: ("#1f2227", "#fff"), dark: ("#5a616c", "#fff"))
    }
  }

  /// A cause's fill on light pages and on dark ones; hops and host as under the labels of requests.
  private static func fill(_ cause: BubbleCause) -> (light: String, dark: String) {
    switch cause {
    case .shared: ("#54337f", "#9474c4")
    case .hop: ("#f2a54a", "#f2b566")
    case .host: ("#8fc0ea", "#a9d3f5")
    case .sampling: ("#00695c", "#2fa392")
    case .partition: ("#86c26a", "#9bd37f")
    case .prefill: ("#f1e05a", "#f3e67e")
    case .cohort: ("#b8326f", "#dc6598")
    case .empty: ("#c6cbd1", "#c9ced6")
    }
  }

  private static func variables(_ isDark: Bool) -> String {
    let labels = LatencyLabel.allCases.map { label in
      let ink = ink(label)
      let colors = isDark ? ink.dark : ink.light
      return "--f-\(label.name):\(colors.fill);--i-\(label.name):\(colors.ink);"
    }
    let causes = BubbleCause.allCases.map { cause in
      "--b-\(cause.name):\(isDark ? fill(cause).dark : fill(cause).light);"
    }
    return (labels + causes).joined()
  }

  private static var causeRules: String {
    BubbleCause.allCases.map { ".b-\($0.name){fill:var(--b-\($0.name))}" }.joined(separator: "\n")
  }

  private static var labelRules: String {
    LatencyLabel.allCases.map { label in
      let name = label.name
      return ".c-\(name){fill:var(--f-\(name))}"
        + ".t-\(name){fill:var(--i-\(name));stroke:var(--f-\(name))}"
    }.joined(separator: "\n")
  }

  private static let light =
    "--page:#fff;--ink:#16191d;--soft:#565d66;--line:#d3d8de;--box:#f1f4f7;--pattern:#fff;"
    + "--mark:#1d5fa8;--flag:#a61b1b;color-scheme:light;"
  private static let dark =
    "--page:#14171b;--ink:#e8ebee;--soft:#a7aeb8;--line:#3a4049;--box:#1e2329;--pattern:#14171b;"
    + "--mark:#6db0f2;--flag:#ff8f85;color-scheme:dark;"

  /// The style sheet.
  static var sheet: String {
    """
    :root{\(light)\(variables(false))}
    @media (prefers-color-scheme:dark){:root{\(dark)\(variables(true))}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",\
    "DejaVu Sans",sans-serif}
    main{max-width:68rem;margin:0 auto;padding:1.5rem 1rem 3rem}
    h1{font-size:1.7rem;line-height:1.2;margin:0 0 .5rem;overflow-wrap:anywhere}
    h2{font-size:1.2rem;margin:2.2rem 0 .6rem}
    p{margin:.5rem 0;max-width:48rem;overflow-wrap:break-word}
    .verdict{background:var(--box);border-left:.3rem solid var(--mark);padding:.7rem 1rem}
    .verdict p:first-child{font-size:1.1rem;font-weight:600}
    .soft,small{color:var(--soft);font-size:.85rem}
    .scroll{overflow-x:auto;margin:.7rem 0}
    table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
    caption{text-align:left;color:var(--soft);font-size:.85rem;padding-bottom:.3rem}
    th,td{padding:.3rem .55rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
    th[scope=row],th.left{text-align:left}
    th[scope=row]{white-space:normal;overflow-wrap:anywhere;min-width:6rem}
    tbody th,thead th{font-weight:600}
    thead th{white-space:normal;vertical-align:bottom;line-height:1.25}
    tbody td,tbody th{vertical-align:top}
    td small,th small{display:block}
    td small{white-space:normal;line-height:1.3}
    .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;margin:.4rem 0;\
    font-size:.9rem}
    .legend svg{width:1.1rem;height:1.1rem;vertical-align:-.15rem;margin-right:.35rem}
    .wide svg,.narrow svg{display:block;width:100%;height:auto}
    .narrow{display:none}
    @media (max-width:40rem){.wide{display:none}.narrow{display:block}}
    svg text{font-family:inherit;font-size:12px;fill:var(--ink)}
    svg .name{font-size:13px;font-weight:600}
    svg .value{font-variant-numeric:tabular-nums}
    svg .tick{fill:var(--soft);font-size:11px}
    svg .halo{paint-order:stroke;stroke:var(--page);stroke-width:4px;stroke-linejoin:round}
    svg .flag{fill:var(--flag);font-weight:600}
    svg .grid{stroke:var(--line);stroke-width:1}
    svg .seg{stroke:var(--page);stroke-width:1}
    svg .over{pointer-events:none}
    svg .in{paint-order:stroke;stroke-width:4px;stroke-linejoin:round;pointer-events:none}
    .h-communication{fill:url(#dots)}
    .h-queuing{fill:url(#hatch)}
    .pattern{stroke:var(--pattern);fill:var(--pattern);opacity:.45}
    svg .range{stroke:var(--mark);stroke-width:3}
    svg .open{stroke-dasharray:3 4}
    svg .mark{fill:var(--mark);stroke:var(--page);stroke-width:2}
    svg .tail{fill:var(--page);stroke:var(--mark);stroke-width:3}
    .panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(18rem,1fr));gap:1rem 1.6rem;\
    margin:.8rem 0}
    .panels svg{display:block;width:100%;max-width:26rem;height:auto}
    summary{cursor:pointer;font-size:.9rem;margin:.6rem 0}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;font-size:.9rem;margin:0}
    dt{font-weight:600}
    dd{margin:0;overflow-wrap:anywhere}
    code{font-size:.85em}
    @media (max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
    @media print{:root{\(light)\(variables(false))}body{font-size:11pt}main{max-width:none;padding:0}
    .wide{display:block!important}.narrow{display:none!important}
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
    svg,table,.verdict,.panels div{break-inside:avoid}h2{break-after:avoid}.scroll{overflow:visible}}
    \(labelRules)
    \(causeRules)
    """
  }

  /// Patterns that all charts of the page refer to.
  static let patterns = """
    <svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>
    <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" \
    patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="7" class="pattern" \
    stroke-width="2"/></pattern>
    <pattern id="dots" width="7" height="7" patternUnits="userSpaceOnUse">\
    <circle cx="2" cy="2" r="1.1" class="pattern"/></pattern>
    </defs></svg>

    """
}
