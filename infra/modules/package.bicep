metadata name = 'Package'
metadata description = 'Has Azure fetch the package and deploy it to the function app, for whoever has no tools at hand.'

@description('Name of the function app.')
param appName string

@description('Address of the package, which Azure must be able to read.')
@secure()
param packageUri string

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName
}

// The types know nothing of it.
resource package 'Microsoft.Web/sites/extensions@2025-03-01' = {
  parent: site
  name: 'onedeploy'
  #disable-next-line BCP187
  properties: {
    packageUri: packageUri
    remoteBuild: false
  }
}
