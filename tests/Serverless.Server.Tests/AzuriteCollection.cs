using Serverless.Testing;
using Xunit;

namespace Serverless.Server.Tests;

/// <summary>One Azurite for all tests of the assembly.</summary>
[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteServer>
{
    public const string Name = "Azurite";
}
