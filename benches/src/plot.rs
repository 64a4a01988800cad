//! A bar chart as SVG, for the documents.

use std::fmt::Write;

/// One bar.
pub struct Bar {
    pub label: String,
    pub value: f64,
}

/// Horizontal bars from 0, each with its value.
pub fn bars(title: &str, bars: &[Bar]) -> String {
    let (left, width, row) = (240.0, 420.0, 26.0);
    let most = bars.iter().map(|bar| bar.value).fold(1.0, f64::max);
    let height = 50.0 + row * bars.len() as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"12\" y=\"24\" font-weight=\"bold\">{title}</text>\n",
        left + width + 70.0
    );
    for (i, bar) in bars.iter().enumerate() {
        let (y, length) = (40.0 + row * i as f64, bar.value / most * width);
        let colour = if i == 0 { "#8a8f98" } else { "#2f6f9f" };
        // Writing to a string can't fail.
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><rect x=\"{left}\" y=\"{y}\" width=\"{length:.1}\" height=\"18\" \
             fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{}\">{:.2}</text>",
            left - 8.0,
            y + 14.0,
            bar.label,
            left + length + 6.0,
            y + 14.0,
            bar.value
        );
    }
    out + "</svg>\n"
}
