// A guest has nothing of this plugin. What the policy declares follows.
