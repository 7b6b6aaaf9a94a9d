namespace Serverless.Testing.Skipping;

/// <summary>A fixture that starts an Azurite. Where none can be had, the tests that use it are skipped, all of them, unless the variable CI is <c>true</c>: then they fail.</summary>
public interface INeedsAzurite;
