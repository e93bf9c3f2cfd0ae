/// Text that is no JSON: each case is an edit of the small scenario and the whole of what is said.
extension FaultCase {
  static let text: [FaultCase] = [
    FaultCase(
      #""10m""#, #"10m"#,
      """
      s.json:4:15: duration: found 10m, needs a plain number, or double quotes around a \
      quantity with its unit
      """),
    FaultCase(
      #""10m","#, #""10m""#,
      """
      s.json:5:3: found a text in quotes, needs a comma or }
      """),
    FaultCase(
      #""10m""#, #""10m"#,
      """
      s.json:4:20: duration: found the end of the line, needs the closing quote of a string
      """),
    FaultCase(
      #""10m""#, #"'10m'"#,
      """
      s.json:4:15: duration: found "'", needs double quotes around a text
      """),
    FaultCase(
      #""10m""#, #"NaN"#,
      """
      s.json:4:15: duration: found NaN, needs a value
      """),
    FaultCase(
      #""10m""#, #"01"#,
      """
      s.json:4:15: duration: found 01, needs a plain number, or double quotes around a quantity \
      with its unit
      """),
    FaultCase(
      #""10m""#, #"-"#,
      """
      s.json:4:16: duration: found ",", needs a digit
      """),
    FaultCase(
      #""10m""#, #""\q""#,
      """
      s.json:4:17: duration: found q, needs one of " \\ / b f n r t u after a backslash
      """),
    FaultCase(
      #""10m""#, #""\u12""#,
      """
      s.json:4:18: duration: found 12, needs four hexadecimal digits after \\u
      """),
    FaultCase(
      #""10m""#, #"/* "#,
      """
      s.json:4:15: duration: found "/", needs a comment that is closed by */
      """),
    FaultCase(
      #""10m""#, #""10m" / 2"#,
      """
      s.json:4:21: found "/", needs // or /* for a comment
      """),
    FaultCase(
      #""10m""#, #""10m", "duration": "5m""#,
      """
      s.json:4:22: duration: the key stands here twice, first in line 4
      """),
    FaultCase(
      #""name": "small""#, #"name: "small""#,
      """
      s.json:3:3: found name, needs a key in double quotes or }
      """),
    FaultCase(
      #""name": "small""#, #""name": "small" "x""#,
      """
      s.json:3:19: found a text in quotes, needs a comma or }
      """),
    FaultCase(
      #""name": "small""#, #""name" "small""#,
      """
      s.json:3:10: name: found a text in quotes, needs a colon after the key
      """),
  ]
}
