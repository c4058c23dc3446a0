# Fits each model once, when the image is built.
folder <- commandArgs(TRUE)[[1]]
set.seed(1)
cars <- mtcars
x <- as.matrix(cars[c("wt", "hp")])
keep <- function(name, model) saveRDS(model, file.path(folder, paste0(name, ".rds")))
keep("lm", lm(mpg ~ wt + hp, cars))
keep("glm", glm(am ~ wt, binomial, cars))
keep("gam", mgcv::gam(mpg ~ s(wt, k = 4) + hp, data = cars))
keep("net", nnet::nnet(mpg ~ wt + hp, cars, size = 2, linout = TRUE, trace = FALSE))
keep("tree", rpart::rpart(mpg ~ wt + hp, cars))
keep("forest", randomForest::randomForest(mpg ~ wt + hp, cars, ntree = 20))
keep("ranger", ranger::ranger(mpg ~ wt + hp, cars, num.trees = 20, num.threads = 1))
keep("lasso", glmnet::glmnet(x, cars$mpg))
keep("mixed", lme4::lmer(mpg ~ wt + (1 | cyl), cars))
keep("cox", survival::coxph(survival::Surv(time, status) ~ age, survival::lung))
keep("robust", MASS::rlm(mpg ~ wt + hp, cars))
