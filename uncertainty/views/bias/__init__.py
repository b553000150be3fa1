"""The bias: by what each source differs from what the model counts."""

from uncertainty.views.bias.chart import bias_chart

__all__ = ["bias_chart"]
