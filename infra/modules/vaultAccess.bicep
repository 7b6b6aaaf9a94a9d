metadata name = 'Leave to read secrets'
metadata description = 'Lets the identity read the secrets of a key vault, which must use Azure roles and not access policies.'

@description('Name of the key vault.')
param vaultName string

@description('Object id of the identity that reads.')
param principalId string

@description('Ids of roles by name.')
var roles = loadJsonContent('../facts/roles.json')

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

resource read 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, roles.keyVaultSecretsUser.id)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser.id)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'Reads secret settings of the registry, and the keys that sign its tokens.'
  }
}

@description('Address of the vault, with a slash at its end.')
output address string = vault.properties.vaultUri
