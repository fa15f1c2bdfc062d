"""Composite indicators by the steps of the OECD/JRC handbook; a step is a file, and returns what it made with its record.

Screening, imputation, treatment, multivariate analysis, normalisation, weights, aggregation, sensitivity, decomposition.
Source: OECD and JRC (2008), Handbook on Constructing Composite Indicators; held to R's COINr.
"""

from almaz.measures.composite.aggregation import WAYS as WAYS
from almaz.measures.composite.aggregation import Aggregation as Aggregation
from almaz.measures.composite.aggregation import adjusted_mazziotta_pareto as adjusted_mazziotta_pareto
from almaz.measures.composite.aggregation import aggregate as aggregate
from almaz.measures.composite.aggregation import arithmetic_mean as arithmetic_mean
from almaz.measures.composite.aggregation import geometric_mean as geometric_mean
from almaz.measures.composite.aggregation import weakest_link as weakest_link
from almaz.measures.composite.construction import Choices as Choices
from almaz.measures.composite.construction import Construction as Construction
from almaz.measures.composite.construction import Level as Level
from almaz.measures.composite.construction import construct as construct
from almaz.measures.composite.construction import one_changed as one_changed
from almaz.measures.composite.construction import rank_shift as rank_shift
from almaz.measures.composite.decomposition import indicator_contributions as indicator_contributions
from almaz.measures.composite.decomposition import part_contributions as part_contributions
from almaz.measures.composite.imputation import observed_donors as observed_donors
from almaz.measures.composite.imputation import similar_donors as similar_donors
from almaz.measures.composite.multivariate import cronbach_alpha as cronbach_alpha
from almaz.measures.composite.multivariate import principal_components as principal_components
from almaz.measures.composite.normalisation import Goalposts as Goalposts
from almaz.measures.composite.normalisation import Normalisation as Normalisation
from almaz.measures.composite.normalisation import goalposts as goalposts
from almaz.measures.composite.normalisation import normalise as normalise
from almaz.measures.composite.screening import screen as screen
from almaz.measures.composite.sensitivity import SobolIndices as SobolIndices
from almaz.measures.composite.sensitivity import sobol_indices as sobol_indices
from almaz.measures.composite.step import Step as Step
from almaz.measures.composite.treatment import Thresholds as Thresholds
from almaz.measures.composite.treatment import box_cox as box_cox
from almaz.measures.composite.treatment import treat as treat
from almaz.measures.composite.weights import component_weights as component_weights
from almaz.measures.composite.weights import equal_weights as equal_weights
from almaz.measures.composite.weights import memberships as memberships
from almaz.measures.composite.weights import perturbed_weights as perturbed_weights
