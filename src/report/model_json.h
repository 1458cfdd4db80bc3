/* A model's own numbers of one scheme, under its own names, as the object `model` of a layer. */
#ifndef HD_REPORT_MODEL_JSON_H
#define HD_REPORT_MODEL_JSON_H

#include "cost/model.h"
#include "report/json_writer.h"

/* {NAME: value, ..., levels: {LEVEL: {NAME: value, TENSOR: {NAME: value}}}, networks: the same}; empty for a model
 * without numbers of its own. */
void hd_model_json(hd_json *json, const hd_model *model, const hd_problem *p, const hd_scheme *s);

#endif
