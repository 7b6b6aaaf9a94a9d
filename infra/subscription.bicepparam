using './subscription.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param authMode = readEnvironmentVariable('REGISTRY_AUTH_MODE', 'token')
param principalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param principalType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', '')
param customDomain = readEnvironmentVariable('REGISTRY_CUSTOM_DOMAIN', '')
param alertEmail = readEnvironmentVariable('REGISTRY_ALERT_EMAIL', '')
