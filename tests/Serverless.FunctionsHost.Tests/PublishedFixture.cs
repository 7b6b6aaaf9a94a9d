using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>The small worker, published once for all tests of the host itself.</summary>
public sealed class PublishedFixture : IAsyncLifetime
{
    private readonly string _temporary = Directory.CreateTempSubdirectory("fixture-").FullName;

    /// <summary>The published folder.</summary>
    public string Folder => Path.Combine(_temporary, "app");

    public Task InitializeAsync() => Publishing.RunAsync(Path.Combine("tests", "Serverless.FunctionsHost.Fixture"), Folder, Path.Combine(_temporary, "artifacts"));

    public Task DisposeAsync()
    {
        Directory.Delete(_temporary, recursive: true);
        return Task.CompletedTask;
    }
}

[CollectionDefinition(Name)]
public sealed class FixtureCollection : ICollectionFixture<PublishedFixture>
{
    public const string Name = "Fixture";
}
