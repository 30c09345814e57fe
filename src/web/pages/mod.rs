//! The pages and answers, in HTML and JSON, and the assets behind them.
