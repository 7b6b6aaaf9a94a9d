// A small team: nothing runs while nobody pulls, images are kept in one place, everything that has no fixed monthly price.
using './main.bicep'

param authMode = 'token'
param storageSku = 'Standard_LRS'
param softDeleteDays = 7
// The object id of whoever makes the users: az ad signed-in-user show --query id -o tsv
param operatorPrincipalId = readEnvironmentVariable('REGISTRY_OPERATOR_ID', '')
// Made by infra/image.sh: with it layers may have any size, without it one host takes what it has memory for.
param containerImage = readEnvironmentVariable('REGISTRY_CONTAINER_IMAGE', '')
param alertEmail = readEnvironmentVariable('REGISTRY_ALERT_EMAIL', '')
param capacityAlertGb = 100
param settings = {
  // Public images are pulled without signing in.
  Registry__Auth__Anonymous__0: 'public/*:pull'
}
