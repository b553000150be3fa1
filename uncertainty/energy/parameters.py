"""The parameters of the energy model: name, unit and meaning, in the order of the equations."""

from __future__ import annotations

from typing import NamedTuple


class Parameter(NamedTuple):
    """Unit of a parameter and its meaning in one line."""

    unit: str
    meaning: str


BASE = {
    "base_electricity": Parameter("TWh", "facility electricity of the sector in the base year"),
    "intelligent_share": Parameter("1", "training and inference in base-year electricity"),
    "training_share": Parameter("1", "training within training and inference"),
    "supercomputing_share": Parameter("1", "supercomputing within what is not intelligent"),
}

DEMAND = {
    "training_growth_start": Parameter("1/year", "log growth of training at first, no levers"),
    "training_growth_end": Parameter("1/year", "log growth of training in the long run"),
    "inference_growth_start": Parameter("1/year", "log growth of inference at first, no levers"),
    "inference_growth_end": Parameter("1/year", "log growth of inference in the long run"),
    "general_growth_start": Parameter("1/year", "log growth of general computing at first"),
    "general_growth_end": Parameter("1/year", "log growth of general computing in the long run"),
    "supercomputing_growth": Parameter("1/year", "log growth of supercomputing, constant"),
    "intelligent_half_life": Parameter("year", "half-life of the passage of intelligent growth"),
    "general_half_life": Parameter("year", "half-life of the passage of general growth"),
}

HARDWARE = {
    "intelligent_hardware": Parameter("1/year", "annual gain in work per kWh, intelligent"),
    "general_hardware": Parameter("1/year", "annual gain in work per kWh, general and super"),
}

SAVINGS = {
    "precision_saving": Parameter("1", "training energy saved by lower precision"),
    "activation_saving": Parameter("1", "inference energy saved by fewer active parameters"),
    "kernels_gain": Parameter("1", "relative gain in utilisation from low-level kernels"),
    "distillation_energy_ratio": Parameter("1", "energy per token, small model over large"),
    "distillation_output_ratio": Parameter("1", "output length, small model over large"),
    "load_idle": Parameter("1", "idle power over full power"),
    "load_utilisation": Parameter("1", "device utilisation now"),
    "load_utilisation_target": Parameter("1", "device utilisation in the end"),
    "overlap": Parameter("1", "0: savings multiply; 1: only the strongest counts"),
}

ADOPTION = {
    "precision_reach": Parameter("1", "training still at higher precision that can move"),
    "activation_reach": Parameter("1", "inference that fewer active parameters can reach"),
    "kernels_reach": Parameter("1", "training and inference that ever adopt such kernels"),
    "distillation_reach": Parameter("1", "requests that move to small models"),
    "precision_midpoint": Parameter("year", "calendar year of 50% adoption"),
    "precision_duration": Parameter("year", "years from 10% to 90% adoption"),
    "activation_midpoint": Parameter("year", "calendar year of 50% adoption"),
    "activation_duration": Parameter("year", "years from 10% to 90% adoption"),
    "kernels_midpoint": Parameter("year", "calendar year of 50% adoption"),
    "kernels_duration": Parameter("year", "years from 10% to 90% adoption"),
    "distillation_midpoint": Parameter("year", "calendar year of 50% adoption"),
    "distillation_duration": Parameter("year", "years from 10% to 90% adoption"),
    "load_midpoint": Parameter("year", "calendar year of 50% adoption"),
    "load_duration": Parameter("year", "years from 10% to 90% adoption"),
    "general_reach": Parameter("1", "reach of every lever on general computing"),
    "supercomputing_reach": Parameter("1", "reach of every lever on supercomputing"),
    "adaptation_delay": Parameter("year", "later midpoint on general and supercomputing"),
}

REBOUND = {
    "electricity_cost_share": Parameter("1", "electricity in the cost of a unit of service"),
    "chip_price_drop": Parameter("1", "fall of chip prices beyond trend under competition"),
    "chip_midpoint": Parameter("year", "calendar year of half that fall"),
    "chip_duration": Parameter("year", "years from 10% to 90% of that fall"),
    "training_elasticity": Parameter("1", "size of the price elasticity of training"),
    "inference_elasticity": Parameter("1", "size of the price elasticity of inference"),
    "general_elasticity": Parameter("1", "the same, general and supercomputing"),
    "rebound_speed": Parameter("1/year", "part of the gap in use closed each year"),
}

SITES = {
    "training_large_share": Parameter("1", "training IT electricity at large sites"),
    "inference_large_share": Parameter("1", "inference IT electricity at large sites"),
    "general_large_share": Parameter("1", "the same, general and supercomputing"),
    "inference_edge_share": Parameter("1", "user side within inference not at large sites"),
    "decentralisation": Parameter("1", "part of large-site inference that leaves in the end"),
    "decentralisation_edge": Parameter("1", "user side within what leaves; the rest: small"),
    "large_pue": Parameter("1", "PUE of large sites in the base year"),
    "small_pue": Parameter("1", "PUE of small and medium sites in the base year"),
    "edge_pue": Parameter("1", "PUE at the user side in the base year"),
    "pue_overhead_floor": Parameter("1", "part of the overhead PUE - 1 that never goes"),
    "pue_improvement": Parameter("1/year", "rate at which the overhead nears its floor"),
}

REGIONS = {
    "training_hub_share": Parameter("1", "training in hub regions in the base year"),
    "training_hub_shift": Parameter("1", "part of the remainder that moves there in ten years"),
    "training_digital_share": Parameter("1", "digital-economy provinces within not-hub training"),
    "inference_digital_share": Parameter("1", "inference in digital-economy provinces at first"),
    "inference_digital_shift": Parameter("1", "part of the remainder moving there in ten years"),
    "inference_hub_share": Parameter("1", "hubs within the inference that is elsewhere"),
    "general_hub_share": Parameter("1", "general and supercomputing in hub regions"),
    "general_digital_share": Parameter("1", "digital-economy provinces within the rest"),
}

POWER = {
    "load_factor": Parameter("1", "average over peak facility power"),
}

PARAMETERS: dict[str, Parameter] = (
    BASE | DEMAND | HARDWARE | SAVINGS | ADOPTION | REBOUND | SITES | REGIONS | POWER
)
