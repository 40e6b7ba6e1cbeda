/** Everything other packages may use of the flywheel. One block per file. */
export { advanceTraining } from './advance-training.ts';
export type { TrainingContext } from './advance-training.ts';
export { deployModel } from './deploy-model.ts';
export type { DeployOrder } from './deploy-model.ts';
export { evaluateModel, EvaluationLeft } from './evaluate-model.ts';
export type { Evaluation, EvaluationOrder } from './evaluate-model.ts';
export { findIncumbent } from './find-incumbent.ts';
export { startTraining } from './start-training.ts';
export type { StartTraining } from './start-training.ts';
export type { Trainer, TrainingMetrics, TrainingOrder, TrainingProgress, UploadedFiles } from './trainer.ts';
export { commandTrainer } from './trainers/command.ts';
export { openaiTrainer } from './trainers/openai.ts';
export { vertexTrainer } from './trainers/vertex.ts';
export type { VertexTrainerSettings } from './trainers/vertex.ts';
export { judgeCanaries, watchCanaries } from './watch-canaries.ts';
export type { CanaryEvent } from './watch-canaries.ts';
